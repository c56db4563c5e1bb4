// What pages of ours (.bellwire) do for their reader: times in their own zone, code that can be scrolled, a question before
// what cannot be undone.
(() => {
  const hour = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" })
  const day = new Intl.DateTimeFormat([], { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" })
  const full = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "short" })

  const showTimes = (root) => {
    for (const time of root.querySelectorAll(".bellwire time[datetime]:not([title])")) {
      const date = new Date(time.dateTime)
      // A log names its days by itself.
      const isDayShown = time.closest("[role=log]") || date.toDateString() === new Date().toDateString()
      time.textContent = (isDayShown ? hour : day).format(date)
      time.title = full.format(date)
    }
  }

  // Code that is wider than its place scrolls, also for those who have only a keyboard.
  const reachCode = () => {
    for (const block of document.querySelectorAll(".bellwire pre:not([tabindex])")) {
      if (block.scrollWidth > block.clientWidth) block.tabIndex = 0
    }
  }

  const refresh = () => {
    showTimes(document)
    reachCode()
  }
  const changes = ["DOMContentLoaded", "htmx:wsAfterMessage", "htmx:afterSettle", "htmx:afterRequest"]
  for (const event of changes) document.addEventListener(event, refresh)

  document.addEventListener("click", (event) => {
    const question = event.target.closest(".bellwire [data-confirm]")?.dataset.confirm
    if (question && !confirm(question)) event.preventDefault()
  })
})()
