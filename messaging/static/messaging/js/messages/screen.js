// The screen: which messages of a list are on it.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("screen", ({ list, tell, ready }) => {
  const MOSTLY = 20 // pixels of a message that must be there
  const shown = new Set()

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) shown.add(target)
      else shown.delete(target)
    }
    tell("screen")
  }, { root: list.parentElement, rootMargin: `-${MOSTLY}px 0px` })
  const watch = (node) => { if (node.dataset?.number) observer.observe(node) }
  const forget = (node) => {
    if (node.dataset?.number) observer.unobserve(node)
    shown.delete(node)
  }

  ready(() => {
    new MutationObserver((records) => {
      for (const { addedNodes, removedNodes } of records) {
        removedNodes.forEach(forget)
        addedNodes.forEach(watch)
      }
    }).observe(list, { childList: true })
    list.childNodes.forEach(watch)
  })

  const messages = () => [...shown].filter((message) => message.isConnected)
  const numbers = () => messages().map((message) => Number(message.dataset.number))

  return { messages, numbers }
})
