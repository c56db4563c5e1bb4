// The composer: Enter sends, a draft outlives the page, a failure says so and keeps the text.
(() => {
  const composer = () => document.getElementById("composer")
  const field = () => composer()?.elements.body
  const key = () => `draft:${composer().dataset.draft}`
  // For this tab and this person only: a draft must not wait for whoever uses the machine next.
  const drafts = sessionStorage

  const restore = () => { field().value ||= drafts.getItem(key()) ?? "" }
  document.addEventListener("input", ({ target }) => {
    if (target === field()) drafts.setItem(key(), target.value)
  })
  document.addEventListener("keydown", (event) => {
    // In Safari only the code tells that Enter has ended a composition.
    const isComposing = event.isComposing || event.keyCode === 229
    if (event.target !== field() || event.key !== "Enter" || event.shiftKey || isComposing) return
    event.preventDefault()
    if (field().value) composer().requestSubmit()
  })

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    // A composer that was answered has been replaced: the event then comes from what is around it.
    if (detail.requestConfig.elt.id !== "composer") return
    // To whoever must sign in first the answer is a redirect, and nothing was taken.
    if (detail.xhr.status === 200 && !detail.xhr.getResponseHeader("HX-Redirect")) {
      // What was typed while the message was on its way is the beginning of the next one.
      const sent = detail.requestConfig.parameters.get("body")
      const typed = drafts.getItem(key()) ?? ""
      drafts.setItem(key(), typed.startsWith(sent) ? typed.slice(sent.length) : typed)
      restore()
      // Without a socket the new message would be seen only at the next poll.
      document.dispatchEvent(new Event("bellwire:catch-up"))
    }
    field()?.focus()
  })
  const refusals = { 403: "stale", 413: "large", 429: "often" }
  const fail = ({ type, detail }) => {
    if (detail.elt.id !== "composer" || detail.xhr.status === 422) return
    const why = type === "htmx:responseError" ? refusals[detail.xhr.status] ?? "refused" : "offline"
    const failed = composer().querySelector("[data-failed]")
    failed.hidden = false
    for (const text of failed.children) text.hidden = text.dataset.when !== why
  }
  for (const event of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(event, fail)
  restore()
})()
