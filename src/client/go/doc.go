// Package anabranch is the client of the Anabranch realtime hub.
//
// Connect opens a connection and keeps it open over whatever transport works. Each subscriber sees
// each message once and in order; what cannot be had is a Gap, never silence. Names and promises
// are those of anabranch.js.
//
// Everything below Hub happens on one goroutine, its loop, so nothing there is locked. Handlers and
// listeners are called on another, one after the other, and may call the hub.
package anabranch
