// Reading: what has been on the screen is read, and the server is told so, at most every second.
//
// What was scrolled past counts, what lies between two parts of a chat does not: so the chat is read up to `seen`, the
// last message that nothing unseen is left before, and the bell's lines with the messages that they lead to.
//
// Where something is marked as unread, a new turn begins: what has been on the screen does not count any more. What is on
// it does not either (it is held) until the reader comes back to the page, goes to the newest message, or writes.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("reading", (pane) => {
  const { chat, element, list, signal } = pane
  const reading = pane.find("[data-reading]")
  const toasts = document.getElementById("toasts")
  const messages = list.getElementsByClassName("message")
  const number = (message) => Number(message?.dataset.number ?? 0)
  let seen = Number(reading.dataset.reading)
  let turn = Number(reading.dataset.turn)
  let isHeld = false
  let from = Infinity, to = 0 // what of the list has been on the screen
  const said = new Set(), unsaid = new Set() // numbers of which the server knows that, or does not yet
  let isNews = true // something that the server does not know, if only that the chat is looked at
  let isAll = false // what lies before is to be taken for read, too
  let sending = { numbers: [], isAll, turn } // what the report on its way says
  let waiting = false

  // Nothing of the list has been on the screen: it is new, or another part of the chat.
  const isFresh = () => from === Infinity || number(messages[0]) > to + 1
  const isWhole = () => (isFresh() ? number(messages[0]) : from) <= seen + 1
  const heed = () => {
    const mark = bellwire.readSoFar(chat)
    if (mark.turn === turn) seen = Math.max(seen, mark.read)
    if (seen >= pane.scroll.newest()) isHeld = false
  }
  const takeTurn = () => {
    const mark = bellwire.readSoFar(chat)
    // Who has left and come in again begins anew.
    if (Number.isNaN(mark.turn) || mark.turn === turn) return
    ;({ turn, read: seen } = mark)
    ;[from, to] = [Infinity, 0]
    said.clear()
    unsaid.clear()
    isNews = isAll = false
    isHeld = document.visibilityState === "visible"
    pane.scroll.divide()
  }
  const firstUnseen = () => {
    let first
    heed()
    for (let place = messages.length - 1; isWhole() && number(messages[place]) > seen; place--) first = messages[place]
    return first
  }

  const noteShown = (first, last) => {
    for (let each = first; each <= last; each++) if (!said.has(each)) unsaid.add(each)
  }
  const noteScreen = () => {
    const numbers = pane.screen.numbers()
    if (!numbers.length) return
    const first = Math.min(...numbers), last = Math.max(...numbers)
    if (isFresh()) [from, to] = [first, first - 1]
    noteShown(first, from - 1)
    noteShown(to + 1, last)
    from = Math.min(from, first)
    to = Math.max(to, last)
    if (isWhole()) seen = Math.max(seen, to)
  }
  const noteToasts = () => {
    for (const toast of toasts.querySelectorAll(`.bell-toast[data-subject="chat.${chat}"]`)) {
      const at = Number(new URL(toast.querySelector("a").href).searchParams.get("at"))
      if (at && !said.has(at)) continue
      if (at) unsaid.add(at)
      isNews = true
      toast.remove()
    }
  }
  // What a report says was on the screen whole: what lies between two parts of the chat was not.
  const together = () => {
    const numbers = [...unsaid].sort((one, other) => one - other)
    const end = numbers.findIndex((each, place) => place > 0 && each > numbers[place - 1] + 1)
    return end < 0 ? numbers : numbers.slice(0, end)
  }
  const hasNews = () => isNews || unsaid.size > 0
  const tell = () => {
    waiting = false
    // One that is on its way may say all of it.
    if (hasNews() && !reading.matches(".htmx-request")) htmx.trigger(reading, "bellwire:read")
  }
  const tellSoon = () => { waiting ||= hasNews() && setTimeout(tell, 1_000) }
  const note = () => {
    takeTurn()
    heed()
    if (document.visibilityState === "hidden") isHeld = false
    else if (!isHeld) {
      noteScreen()
      noteToasts()
      tellSoon()
    }
    pane.tell("reading")
  }
  const skip = () => {
    isHeld = false
    seen = pane.scroll.newest()
    unsaid.add(seen)
    isAll = true
    note()
  }

  reading.addEventListener("htmx:configRequest", ({ detail }) => {
    const numbers = isAll ? [...unsaid] : together()
    detail.parameters.set("first", isAll || !numbers.length ? 0 : Math.min(...numbers))
    detail.parameters.set("number", Math.max(0, ...numbers))
    detail.parameters.set("turn", turn)
    sending = { numbers, isAll, turn }
    isNews = isAll = false
  })
  // The answer is the entry in the list, for the page has missed that. What stands there may be of a membership that has
  // ended, and count as newer.
  reading.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status === 200) document.getElementById(`chat-entry-${chat}`)?.remove()
  })
  reading.addEventListener("htmx:afterRequest", ({ detail }) => {
    takeTurn()
    if (sending.turn !== turn) {
      tellSoon()
    } else if (detail.successful) {
      for (const each of sending.numbers) said.add(each) && unsaid.delete(each)
      tellSoon()
    } else {
      isNews = true
      isAll ||= sending.isAll
    }
  })
  element.addEventListener("bellwire:screen", note)
  signal.addEventListener("abort", tell) // what was seen is read, though the pane is closed
  pane.ready(() => {
    const soon = bellwire.soon(note)
    for (const event of ["htmx:wsAfterMessage", "visibilitychange"]) document.addEventListener(event, soon, { signal })
  })

  return { seen: () => seen, isWhole, firstUnseen, skip }
})
