// Unread marks: beside each chat in the list, and all together in the title; the chat that is open is the current one.
(() => {
  const showUnread = () => {
    let total = 0
    for (const link of document.querySelectorAll(".chat-link")) {
      const { chat } = link.dataset
      const readSoFar = bellwire.cursors.seqOf(document.getElementById(`chat-read-${chat}`))
      const unread = Math.max(0, bellwire.cursors.placeIn(`members.${chat}`) - readSoFar)
      const mark = link.querySelector(".unread")
      mark.hidden = !unread
      mark.firstChild.data = unread
      total += unread
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page")
    }
    document.title = document.title.replace(/^\(\d+\) /, "").replace(/^/, total ? `(${total}) ` : "")
  }

  const changes = ["DOMContentLoaded", "htmx:wsAfterMessage", "htmx:afterSettle", "htmx:afterRequest"]
  for (const event of changes) document.addEventListener(event, showUnread)
})()
