// The composer: each Enter takes what is in the box as a message, which is sent when those before it are answered.
//
// What was taken and is not answered is kept in this tab, and its text with the draft. When one fails, or the page was left
// meanwhile, it and those behind it stand there as messages that were not sent. *Try again* sends one of them, with those
// behind it, in order, each as the message that it was; *Delete* drops it. What the site finds fault with is to be changed,
// and stands in the box again.
//
// Other fields of the composer are in `pane.fields`, whatever script comes first: `isFilled()` says whether there is
// something, `take()` returns it for the next message, as JSON has it, or null; `put(parameters, value)` sends it;
// `giveBack(value)` shows it again; `says(value)`, if there, returns the lines that stand for it in what is not sent yet.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("writing", (pane) => {
  const { fields, composer } = pane
  if (!composer) return undefined
  const field = composer.elements.body
  const [sending, failures] = [composer.querySelector("[data-sending]"), composer.querySelector("[data-unsent]")]
  const item = document.getElementById("pending").content.firstElementChild
  for (const part of item.querySelectorAll(".message-time, .message-actions")) part.remove() // not before it is there
  const unsent = `unsent:${composer.dataset.draft}`

  const waiting = [] // messages, the first of which is under way
  // Those that were not sent, of this page or the one before; a page of an older release may have said less of them.
  let failed = JSON.parse(sessionStorage.getItem(unsent) ?? "[]").map(({ id, body, more }) => ({ id, body, more: more ?? {} }))

  const taken = () => Object.fromEntries([...fields].map(([name, it]) => [name, it.take()]).filter(([, value]) => value !== null))
  const texts = (messages) => messages.map(({ body }) => body)
  const isSaid = ({ body, more }) => body.trim() || Object.keys(more).length > 0
  const together = (...parts) => parts.filter(Boolean).join("\n")
  const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")

  const keep = () => {
    pane.draft.keep(together(...texts(failed), ...texts(waiting), field.value))
    sessionStorage.setItem(unsent, JSON.stringify([...failed, ...waiting]))
  }
  const says = (more) => Object.entries(more).flatMap(([name, value]) => fields.get(name)?.says?.(value) ?? [])
  const lines = (messages, isFailed) => messages.map(({ id, body, more }, place) => {
    const line = item.cloneNode(true)
    line.dataset.id = id
    line.querySelector(".message").classList.toggle("is-continued", place > 0)
    line.querySelector(".message-body").textContent = together(body, ...says(more))
    line.querySelector("[data-not-sent]").hidden = !isFailed
    return line
  })
  const show = () => {
    sending.hidden = !waiting.length
    sending.querySelector("ol").replaceChildren(...lines(waiting, false))
    failures.hidden = !failed.length
    failures.replaceChildren(...lines(failed, true))
    // What has failed last is what one wants to see of many.
    failures.scrollTop = failures.scrollHeight
  }
  // Tells whoever else looks at the field, too, that it has another text.
  const changed = () => field.dispatchEvent(new Event("input", { bubbles: true }))

  const send = () => { if (waiting.length) htmx.trigger(composer, "bellwire:post") }
  const queue = (...messages) => {
    const isIdle = !waiting.length
    waiting.push(...messages)
    keep()
    show()
    if (isIdle) send()
  }
  const take = () => {
    const message = { id: fresh(), body: field.value, more: taken() }
    field.value = ""
    queue(message)
    changed()
  }
  const again = (id) => {
    field.focus()
    queue(...failed.splice(failed.findIndex((message) => message.id === id)))
  }
  const drop = (id) => {
    field.focus()
    failed = failed.filter((message) => message.id !== id)
    if (!failed.length) composer.querySelector("[data-failed]").hidden = true
    keep()
    show()
  }
  // Whoever goes on typing does so where they were.
  const giveBack = ({ body, more }) => {
    for (const [name, value] of Object.entries(more)) fields.get(name)?.giveBack(value)
    if (field.value) field.setRangeText(`${body}\n`, 0, 0, "preserve")
    else field.value = body
  }

  composer.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-leaves")) return // to another page, with the text
    event.preventDefault()
    field.focus()
    // Pressed twice: the text is on its way already.
    if (field.value || !waiting.length || [...fields.values()].some((it) => it.isFilled())) take()
  })
  // The second press of a double click is no empty message.
  composer.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest("button") && !field.value) event.preventDefault()
  })
  failures.addEventListener("click", ({ target }) => {
    const { id } = target.closest("[data-id]")?.dataset ?? {}
    if (target.matches("[data-again]")) again(id)
    if (target.matches("[data-drop]")) drop(id)
  })
  field.addEventListener("input", keep)

  composer.addEventListener("htmx:configRequest", ({ target, detail: { parameters } }) => {
    if (target !== composer) return
    parameters.set("body", waiting[0].body)
    parameters.set("client_id", waiting[0].id)
    pane.draft.going()
    for (const [name, it] of fields) it.put(parameters, waiting[0].more[name] ?? null)
  })
  const refusals = { 0: "offline", 403: "stale", 413: "large", 429: "often" }
  composer.addEventListener("htmx:afterRequest", ({ target, detail: { xhr } }) => {
    if (target !== composer) return
    // Whoever must sign in first finds all of it when they are back.
    if (xhr.getResponseHeader("HX-Redirect")) return
    if (xhr.status === 200) {
      waiting.shift()
      pane.draft.gone()
      keep()
      send()
      // Without a socket the new message would be seen only at the next poll.
      composer.dispatchEvent(new Event("bellwire:catch-up", { bubbles: true }))
    } else {
      const refused = waiting[0]
      failed.push(...waiting.splice(0).filter(isSaid))
      if (xhr.status !== 422) fail(refusals[xhr.status] ?? "refused")
      else {
        failed = failed.filter((message) => message !== refused)
        giveBack(refused)
      }
      changed()
    }
    show()
  })
  const fail = (why) => {
    const reason = composer.querySelector("[data-failed]")
    reason.hidden = false
    for (const text of reason.querySelectorAll("[data-when]")) text.hidden = text.dataset.when !== why
  }

  // Not what the browser has put there by itself: that lacks what was on its way. The draft has that, too, for other devices.
  pane.ready(() => {
    const draft = pane.draft.begun(field), before = together(...texts(failed))
    const isBefore = before && `${draft}\n`.startsWith(`${before}\n`)
    field.value = isBefore ? draft.slice(before.length + 1) : draft
    show()
  })
  return undefined
})
