// Receipts: in a conversation of two, "Read" stands below one's last message once the other one has read it.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("receipt", (pane) => {
  const place = pane.find("[data-receipt]")
  if (!place) return {}
  const { person } = pane.composer.dataset
  const show = () => {
    const { author, number } = [...pane.list.getElementsByClassName("message")].at(-1)?.dataset ?? {}
    place.hidden = author !== person || Number(number) > Number(place.dataset.read) || pane.scroll.hasNewer()
  }
  pane.ready(() => {
    const { signal } = pane, soon = bellwire.soon(show)
    document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
      const news = document.getElementById("reading-news")
      if (target.id === "reading-news" && news.dataset.chat === pane.chat) place.dataset.read = news.dataset.read
      soon()
    }, { signal })
    show()
  })
  return {}
})
