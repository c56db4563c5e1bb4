// Parts: older and newer messages that are fetched onto the page. What they show may have changed while they were on
// their way, when the page had no place yet for what told of that: it comes once more.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("parts", ({ element }) => {
  const live = element.querySelector("[data-socket]")
  const place = () => bellwire.cursors.placeIn(live.dataset.stream)
  const asked = new WeakMap() // request → how far the page was when it was made

  element.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (detail.requestConfig.elt.matches(".older, .newer, .below")) asked.set(detail.xhr, place())
  })
  element.addEventListener("htmx:afterSwap", ({ detail }) => {
    const after = asked.get(detail.xhr)
    asked.delete(detail.xhr) // each message of a part says that it was swapped in
    if (after < place()) htmx.trigger(live, "bellwire:poll", { after })
  })
})
