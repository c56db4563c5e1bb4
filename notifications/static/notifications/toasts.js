// Toasts go by themselves when their animation ends, when they are dismissed, or when what they tell is seen elsewhere.
(() => {
  const ended = new Map() // id → what it told of last, by its data-place: that is not told again

  const end = (toast) => {
    ended.set(toast.id, toast.dataset.place)
    toast.remove()
  }
  document.addEventListener("animationend", ({ target, animationName }) => {
    if (animationName === "toast-out") end(target)
  })
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-dismiss]")) end(target.closest(".toast"))
  })
  document.addEventListener("htmx:oobAfterSwap", () => sweep())
  document.addEventListener("htmx:wsAfterMessage", () => sweep())

  const sweep = () => {
    document.querySelectorAll(".toast-over").forEach(end)
    for (const toast of document.querySelectorAll(".toast")) if (ended.get(toast.id) === toast.dataset.place) toast.remove()
  }
})()
