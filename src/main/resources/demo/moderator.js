// Looks at what is said in the chat before it is published: says no to what is empty or too long, and
// puts stars over the words that its configuration lists.

const LONGEST = config.longest ?? 2000;
const words = (config.words ?? []).map((word) => word.replace(/[^\p{L}\p{N}]/gu, '')).filter(Boolean);
const unwanted = words.length > 0 ? new RegExp(`\\b(?:${words.join('|')})\\b`, 'giu') : null;

vertx.eventBus.consumer('chat.moderate', (message) => {
  const { data } = message.body;
  const text = data?.text;
  if (typeof text !== 'string') {
    message.reply(null);
  } else if (text.trim() === '') {
    message.fail(422, 'text: empty (expected: something to say)');
  } else if (text.length > LONGEST) {
    message.fail(413, `text: ${text.length} characters (expected: at most ${LONGEST})`);
  } else {
    const shown = unwanted === null ? text : text.replace(unwanted, (word) => '*'.repeat(word.length));
    message.reply(shown === text ? null : { data: { ...data, text: shown } });
  }
});
