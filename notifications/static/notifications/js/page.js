// What pages of ours (.bellwire) do for their reader: times by their clock, code that can be scrolled, a question before
// what cannot be undone.
(() => {
  const among = (part, selector) => [part, ...part.querySelectorAll(selector)].filter((each) => each.matches(selector))

  // Code that is wider than its place scrolls, also for those who have only a keyboard.
  const reach = (block) => { if (block.scrollWidth > block.clientWidth) block.tabIndex = 0 }

  const tend = (part) => {
    bellwire.clock.show(among(part, ".bellwire time[datetime]:not([title])"))
    among(part, ".bellwire :is(pre, .prose table):not([tabindex])").forEach(reach)
  }
  // Only what has come, however it came.
  const isElement = ({ nodeType }) => nodeType === Node.ELEMENT_NODE
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) [...addedNodes].filter(isElement).forEach(tend)
  })
  // Not before all scripts are there, in whatever order.
  document.addEventListener("DOMContentLoaded", () => {
    tend(document.body)
    observer.observe(document.body, { childList: true, subtree: true })
  })

  document.addEventListener("click", (event) => {
    const question = event.target.closest(".bellwire [data-confirm]")?.dataset.confirm
    if (question && !confirm(question)) event.preventDefault()
  })
})()
