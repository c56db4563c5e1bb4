// What every page shows for its reader: times in their own zone, unread marks, the chat they are in, a question before
// what cannot be undone.
(() => {
  const hour = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" })
  const day = new Intl.DateTimeFormat([], { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" })
  const full = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "short" })

  const showTimes = (root) => {
    for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
      const date = new Date(time.dateTime)
      const isDayShown = time.closest("#messages") || date.toDateString() === new Date().toDateString()
      time.textContent = (isDayShown ? hour : day).format(date)
      time.title = full.format(date)
    }
  }

  const showUnread = () => {
    let total = 0
    for (const link of document.querySelectorAll(".chat-link")) {
      const { chat } = link.dataset
      const seq = (id) => Number(document.getElementById(id).dataset.seq)
      const unread = Math.max(0, seq(`cursor-members-${chat}`) - seq(`chat-read-${chat}`))
      const mark = link.querySelector(".unread")
      mark.hidden = !unread
      mark.firstChild.data = unread
      total += unread
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page")
    }
    document.title = document.title.replace(/^\(\d+\) /, "").replace(/^/, total ? `(${total}) ` : "")
  }

  // Code that is wider than its place scrolls, also for those who have only a keyboard.
  const reachCode = () => {
    for (const block of document.querySelectorAll("pre:not([tabindex])")) if (block.scrollWidth > block.clientWidth) block.tabIndex = 0
  }

  const refresh = () => {
    showTimes(document)
    reachCode()
    showUnread()
  }
  for (const event of ["DOMContentLoaded", "htmx:wsAfterMessage", "htmx:afterSettle", "htmx:afterRequest"]) document.addEventListener(event, refresh)

  document.addEventListener("click", (event) => {
    const question = event.target.closest("[data-confirm]")?.dataset.confirm
    if (question && !confirm(question)) event.preventDefault()
  })
})()
