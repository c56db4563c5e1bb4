// Toasts go by themselves when their animation ends, or when they are dismissed.
document.addEventListener("animationend", ({ target, animationName }) => {
  if (animationName === "toast-out") target.remove()
})
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-dismiss]")) target.closest(".toast").remove()
})
