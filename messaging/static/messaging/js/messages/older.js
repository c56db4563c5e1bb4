// Older messages may have changed while they were on their way, when the page had no place yet for what told of that: it
// comes once more.
(() => {
  const live = document.getElementById("live")
  const place = () => bellwire.cursors.placeIn(live.dataset.stream)
  const asked = new WeakMap() // request → how far the page was when it was made

  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (detail.requestConfig.elt.classList.contains("older")) asked.set(detail.xhr, place())
  })
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const after = asked.get(detail.xhr)
    if (after < place()) htmx.trigger(live, "bellwire:poll", { after })
  })
})()
