// Toasts go by themselves when their animation ends, when they are dismissed, or when what they tell is seen elsewhere. One
// comes from the page itself: that something failed.
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
    if (target.closest(".bell-toast [data-dismiss]")) end(target.closest(".bell-toast"))
  })

  // What somebody has asked for and was not done, where the form itself says nothing of that.
  const fail = ({ detail }) => {
    const { requestConfig: { elt, triggeringEvent }, xhr } = detail
    const failure = document.getElementById("failure")
    const isAnswered = elt.closest("[data-tells-failure]")
    if (!failure || isAnswered || !["click", "submit"].includes(triggeringEvent?.type)) return
    const toast = failure.content.firstElementChild.cloneNode(true)
    toast.id = `failure-${Date.now()}`
    // A line of text says why; anything else may be the page of some proxy.
    const isReason = xhr.status && xhr.getResponseHeader("Content-Type")?.startsWith("text/plain")
    if (isReason && xhr.responseText) toast.querySelector("span").textContent = xhr.responseText
    toasts?.append(toast)
  }
  for (const event of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(event, fail)

  const toasts = document.getElementById("toasts")
  const sweep = () => {
    toasts.querySelectorAll(".bell-toast-over").forEach(end)
    for (const toast of toasts.querySelectorAll(".bell-toast")) if (ended.get(toast.id) === toast.dataset.place) toast.remove()
  }
  if (toasts) new MutationObserver(sweep).observe(toasts, { childList: true })
})()
