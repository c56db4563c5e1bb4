// Unread marks: beside each chat in the list, and all together in the title; the chat that is open is the current one.
(() => {
  const LONGEST = 60 // characters of a chat's title in that of its page
  const list = () => document.getElementById("chats")
  // A room may be called "(3) Budget": what stands before a title is known, and not guessed.
  let title = document.title, shown = title
  const showTitle = (total) => {
    if (document.title !== shown) title = document.title
    shown = total ? `(${total}) ${title}` : title
    if (document.title !== shown) document.title = shown
  }
  // The site's name stands behind that of a room that was renamed while it is open.
  const showName = ({ textContent }) => {
    const letters = [...textContent], name = letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : textContent
    document.title = `${name}${/ · [^·]*$/.exec(title)?.[0] ?? ""}`
    showUnread()
  }
  const showUnread = () => {
    let total = 0
    for (const link of list()?.querySelectorAll(".chat-link") ?? []) {
      const { chat } = link.dataset
      const readSoFar = bellwire.cursors.seqOf(document.getElementById(`chat-read-${chat}`))
      const unread = Math.max(0, bellwire.cursors.placeIn(`members.${chat}`) - readSoFar)
      const mark = link.querySelector(".unread")
      if (mark.firstChild.data !== `${unread}`) mark.firstChild.data = unread
      mark.hidden = !unread
      total += unread
      // The server says so too, but not in a list that is pushed.
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page")
    }
    showTitle(total)
  }

  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (target.id === "chat-name") showName(document.getElementById("chat-name"))
  })
  const changes = ["htmx:wsAfterMessage", "htmx:afterSettle", "htmx:afterRequest"]
  document.addEventListener("DOMContentLoaded", () => {
    showUnread()
    const soon = bellwire.soon(showUnread)
    for (const event of changes) document.addEventListener(event, soon)
    list()?.querySelector(".chat-link[aria-current]")?.scrollIntoView({ block: "nearest" })
  })
})()
