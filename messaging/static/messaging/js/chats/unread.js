// Unread marks: beside each chat in the list, and all together in the title; the chat that is open is the current one.
//
// `bellwire.readSoFar` says how far a chat was read, and in which turn: a new one begins when something is marked as unread.
// Of a chat that is not in the list it says NaN, which is no turn.
//
// An entry knows which unread messages name its reader, as of when it was made; what is pushed says so of others (`told`).
window.bellwire ??= {}
bellwire.readSoFar = (chat) => {
  const { read = 0, turn = NaN } = document.getElementById(`chat-read-${chat}`)?.dataset ?? {}
  return { read: Number(read), turn: Number(turn) }
}
;(() => {
  const me = document.currentScript.dataset.person
  const LONGEST = 60 // characters of a chat's title in that of its page
  const list = () => document.getElementById("chats")
  // A room may be called "(3) Budget": what stands before a title is known, and not guessed.
  let title = document.title, shown = title
  const showTitle = (total, naming) => {
    if (document.title !== shown) title = document.title
    shown = total ? `(${total}${naming ? ` @${naming}` : ""}) ${title}` : title
    if (document.title !== shown) document.title = shown
  }
  // The site's name stands behind that of a room that was renamed while it is open.
  const showName = ({ textContent }) => {
    const letters = [...textContent], name = letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : textContent
    document.title = `${name}${/ · [^·]*$/.exec(title)?.[0] ?? ""}`
    showUnread()
  }
  const told = new Map() // chat → number of a message → whether it names the reader
  const noteNaming = ({ chat, named }) => {
    if (!told.has(chat)) told.set(chat, new Map())
    for (const said of named.split(" ")) {
      const [number, author, people] = said.split(":")
      told.get(chat).set(number, author !== me && people.split(",").some((each) => each === me || each === "all"))
    }
  }
  const countNaming = ({ chat, naming }, readSoFar) => {
    const numbers = new Map(naming.split(" ").map((number) => [number, true]))
    for (const [number, isNaming] of told.get(chat) ?? []) {
      // What is marked as unread again comes with the entry that says so.
      if (number <= readSoFar) told.get(chat).delete(number)
      else numbers.set(number, isNaming)
    }
    return [...numbers].filter(([number, isNaming]) => isNaming && number > readSoFar).length
  }
  const show = (mark, count, before = "") => {
    if (mark.firstChild.data !== `${before}${count}`) mark.firstChild.data = `${before}${count}`
    mark.hidden = !count
  }
  const showUnread = () => {
    let total = 0, totalNaming = 0
    for (const link of list()?.querySelectorAll(".chat-link") ?? []) {
      const { chat } = link.dataset
      const { read: readSoFar } = bellwire.readSoFar(chat)
      const unread = Math.max(0, bellwire.cursors.placeIn(`members.${chat}`) - readSoFar)
      const isMuted = link.classList.contains("is-muted")
      const naming = isMuted ? 0 : countNaming(link.dataset, readSoFar)
      show(link.querySelector(".unread"), unread)
      show(link.querySelector(".naming"), naming, "@")
      if (!isMuted) total += unread
      totalNaming += naming
      // The server says so too, but not in a list that is pushed.
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page")
    }
    showTitle(total, totalNaming)
  }

  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (target.id === "chat-name") showName(document.getElementById("chat-name"))
    if (target.id === "naming-news") noteNaming(document.getElementById("naming-news").dataset)
    // A whole list knows all that was said until then.
    if (target.id === "chats" && !list().contains(target)) told.clear()
  })
  const changes = ["htmx:wsAfterMessage", "htmx:afterSettle", "htmx:afterRequest"]
  document.addEventListener("DOMContentLoaded", () => {
    showUnread()
    const soon = bellwire.soon(showUnread)
    for (const event of changes) document.addEventListener(event, soon)
    list()?.querySelector(".chat-link[aria-current]")?.scrollIntoView({ block: "nearest" })
  })
})()
