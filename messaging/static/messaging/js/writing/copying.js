// Copying: each block of code in a message has a button that copies all of it.
window.bellwire ??= {}
bellwire.parts ??= new Map();
(() => {
  const button = document.getElementById("copy").content.firstElementChild
  const SHOWN = 2000 // milliseconds that it says so
  if (!navigator.clipboard) return // without HTTPS there is none

  const offer = (block) => block.prepend(button.cloneNode(true))
  const tend = (part) => part.querySelectorAll(".prose pre:not(:has(> .copy))").forEach(offer)

  document.addEventListener("click", async ({ target }) => {
    if (!target.matches(".copy")) return
    await navigator.clipboard.writeText(target.parentElement.querySelector("code").textContent)
    const { textContent, dataset } = target
    if (textContent === dataset.copied) return
    target.textContent = dataset.copied
    setTimeout(() => { target.textContent = textContent }, SHOWN)
  })
  bellwire.parts.set("copying", ({ list }) => {
    tend(list)
    new MutationObserver(() => tend(list)).observe(list, { childList: true, subtree: true })
  })
})()
