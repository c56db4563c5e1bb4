// Writers: says that somebody writes here, and shows who else does. It ends by itself, and with the message.
//
// No live region: a screen reader that is read to the messages would hear of every pause otherwise.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("writers", ({ chat, composer, list, find, signal }) => {
  const place = find("[data-writers]")
  if (!composer || !place) return undefined
  const EVERY = 3_000 // milliseconds
  const field = composer.elements.body
  const { person } = composer.dataset
  const writers = new Map() // person → { name, timer }
  let saidAt = -Infinity

  const show = () => {
    const names = [...writers.values()].map(({ name }) => name)
    place.textContent = names.length > 2 ? "Several people are writing…"
      : names.length ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} writing…` : ""
  }
  const end = (who) => {
    clearTimeout(writers.get(who)?.timer)
    writers.delete(who)
    show()
  }
  const begin = (who, name, seconds) => {
    end(who)
    if (seconds) writers.set(who, { name, timer: setTimeout(() => end(who), 1000 * seconds) })
    show()
  }

  // What a script puts there nobody writes: a draft, a text that was given back.
  field.addEventListener("input", ({ isTrusted }) => {
    if (!isTrusted || !field.value.trim() || bellwire.presence.hides("writing")) return
    if (performance.now() - saidAt < EVERY) return
    saidAt = performance.now()
    const headers = JSON.parse(document.body.getAttribute("hx-headers"))
    fetch(place.dataset.writers, { method: "POST", headers }).catch(() => {})
  })
  // The first word of the next message is said at once.
  composer.addEventListener("submit", () => { saidAt = -Infinity })

  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (target.id !== "writing-news") return
    const { dataset } = document.getElementById("writing-news")
    if (dataset.chat === chat && dataset.person !== person) begin(dataset.person, dataset.name, Number(dataset.seconds))
  }, { signal })
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) for (const { dataset } of addedNodes) if (writers.has(dataset?.author)) end(dataset.author)
  })
  observer.observe(list, { childList: true })
  signal.addEventListener("abort", () => {
    observer.disconnect()
    for (const who of [...writers.keys()]) end(who)
  })
  return undefined
})
