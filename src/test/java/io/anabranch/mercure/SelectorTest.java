package io.anabranch.mercure;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.ChannelPattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Topic selectors (Mercure, section "Topic Selectors"); the expansions are RFC 6570's, §3.2. */
class SelectorTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "* anything",
                "https://example.com/books/1 https://example.com/books/1",
                "https://example.com/{selector} https://example.com/{selector}",
                "https://example.com/books/{id} https://example.com/books/1",
                "https://example.com/books/{id} https://example.com/books/",
                "https://example.com/books/{id} https://example.com/books/%C3%A9",
                "https://example.com/books/{id} https://example.com/books/é",
                "https://example.com/books/{id}.jsonld https://example.com/books/foo.jsonld",
                "https://example.com/users/foo/{?topic}"
                        + " https://example.com/users/foo/?topic=https%3A%2F%2Fexample.com%2Fbooks",
                "{var} value",
                "{+path,x}/here /foo/bar,1024/here",
                "{#path,x}/here #/foo/bar,1024/here",
                "X{.x,y} X.1024.768",
                "{/list*} /red/green/blue",
                "{/var,x}/here /value/1024/here",
                "{/var,x}/here /1024/here",
                "{/var:1,var} /v/value",
                "{;x,y,empty} ;x=1024;y=768;empty",
                "{;x,y} ;y=768",
                "{;list*} ;list=red;list=green",
                "{?x,y} ?x=1024&y=768",
                "{?x,y} ?y=768",
                "{?keys*} ?semi=%3B&dot=.&comma=%2C",
                "{&x,y,empty} &x=1024&y=768&empty=",
                "/.well-known/mercure/subscriptions{/topic}{/subscriber}"
                        + " /.well-known/mercure/subscriptions/a%2Fb/urn%3Auuid%3A1",
            })
    void matches(String selector, String topic) {
        assertThat(new Selector(selector).matches(topic)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "https://example.com/books/1 https://example.com/books/11",
                "https://example.com/books/{id} https://example.com/books/1/pages",
                "https://example.com/books/{id} https://example.com/authors/1",
                "https://example.com/books/{id} https://example.com/books/1?a=b",
                "https://example.com/b.oks/{id} https://example.com/books/1",
                "{?x,y} ?y=768&x=1024",
                "{?x} ?xx=1",
                "X{.x} X/1024",
                "a* abc",
                "** abc",
                "{ {x",
                "{x {x}",
                "a{x}} a1",
            })
    void doesNotMatch(String selector, String topic) {
        assertThat(new Selector(selector).matches(topic)).isFalse();
    }

    @Test
    void readsTheChannelsThatAllOfItsTopicsHave() {
        assertThat(new Selector("*").patterns()).containsExactly(new ChannelPattern("*"));
        assertThat(new Selector("{id}").patterns()).containsExactly(new ChannelPattern("*"));
        assertThat(new Selector("a?").patterns())
                .containsExactly(new ChannelPattern("a~3F"), new ChannelPattern("~private:a~3F"));
        assertThat(new Selector("a?b={id}/c").patterns())
                .containsExactly(
                        new ChannelPattern("a~3Fb~3D*"), new ChannelPattern("~private:a~3Fb~3D*"));
    }
}
