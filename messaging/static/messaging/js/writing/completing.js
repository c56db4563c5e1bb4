// Completing: behind an @ the people of the chat, behind a colon the emoji of that name, and where a message begins with a
// slash its commands. Arrows move, Enter or Tab takes, Esc closes; the field keeps the focus, and says which of the list is meant.
(() => {
  const list = document.getElementById("completions")
  const item = list.querySelector("template").content.firstElementChild
  const FIELDS = ".composer textarea, .edit textarea"
  const MOST = 8
  const TYPED = /(?:^|[^\p{L}\p{N}_@:./-])([@:])([\p{L}\p{N}_.+-]{0,40})$/u
  const COMMAND = /^(\/)([\p{L}\p{N}_-]{0,32})$/u
  const ENDED = /^(\s|$)/ // a slash put before what stands there already begins no command
  const SHORTEST = { "@": 0, ":": 2, "/": 0 } // letters behind the sign, from which on something is proposed

  let field = null // in which something is completed
  let start = 0 // where in it that begins
  let options = []
  let asked = 0 // how often something was asked for: an answer that comes late is none

  const once = (load) => {
    let answer
    return () => (answer ??= load().catch((error) => { answer = undefined; throw error }))
  }
  const json = async (address) => {
    const answer = await fetch(address)
    if (!answer.ok) throw new Error(answer.status)
    return answer.json()
  }
  const signs = once(async () => (await json(list.dataset.emoji)).emoji)

  const asking = (address, typed) => json(`${address}?${new URLSearchParams({ q: typed })}`).then(({ options }) => options)
  const people = (typed, { mentions }) => asking(mentions, typed)
  const commands = (typed, pane) => asking(pane.commands, typed)
  const emoji = async (typed) => {
    const begins = [], has = []
    for (const [sign, ...names] of await signs()) {
      const name = names.find((each) => each.startsWith(typed)) ?? names.find((each) => each.includes(typed))
      if (name) (name.startsWith(typed) ? begins : has).push({ sign, text: sign, name: `:${name}:` })
    }
    begins.sort((one, other) => one.name.length - other.name.length)
    return [...begins, ...has].slice(0, MOST)
  }
  const SOURCES = { "@": people, ":": emoji, "/": commands }

  const selected = () => list.querySelector("[aria-selected=true]")
  const select = (option) => {
    selected()?.setAttribute("aria-selected", "false")
    option?.setAttribute("aria-selected", "true")
    option?.scrollIntoView({ block: "nearest" })
    if (option) field.setAttribute("aria-activedescendant", option.id)
    else field.removeAttribute("aria-activedescendant")
  }
  const close = () => {
    asked += 1
    list.hidden = true
    for (const name of ["aria-activedescendant", "aria-controls"]) field?.removeAttribute(name)
    field = null
  }
  const line = (option, place) => {
    const shown = item.cloneNode(true)
    shown.id = `completion-${place}`
    const { sign = "", name, mark = "", note = "", text } = option
    const parts = { sign, text: sign ? "" : text, name: `${name} ${mark}`.trim(), note }
    for (const [part, content] of Object.entries(parts)) {
      const place = shown.querySelector(`[data-${part}]`)
      if (content) place.textContent = content
      else place.remove()
    }
    return shown
  }
  const open = (typed) => {
    list.querySelectorAll("[role=option]").forEach((each) => each.remove())
    list.append(...options.map(line))
    const { left, top } = field.getBoundingClientRect()
    Object.assign(list.style, { left: `${left}px`, bottom: `${innerHeight - top + 8}px` })
    list.hidden = false
    field.setAttribute("aria-controls", list.id)
    // Whoever has typed a whole name may send it: nothing is taken by that.
    select(options.some(({ text }) => text.toLowerCase() === typed) ? null : list.querySelector("[role=option]"))
  }
  const take = (option) => {
    const { text } = options[[...list.querySelectorAll("[role=option]")].indexOf(option)]
    const into = field
    into.setRangeText(`${text} `, start, into.selectionEnd, "end")
    close()
    into.dispatchEvent(new Event("input", { bubbles: true }))
  }

  // Until the answer to it is there, Enter takes nothing that has been typed past, nor what has been typed whole.
  const typedOn = (typed) => {
    const option = options[[...list.querySelectorAll("[role=option]")].indexOf(selected())]
    const said = [option?.text, option?.name].map((each) => each?.toLowerCase() ?? "")
    if (said[0] === typed || !said.some((each) => each.startsWith(typed))) select(null)
  }
  const look = async (target) => {
    const { selectionStart, selectionEnd, value } = target
    const before = value.slice(0, selectionEnd)
    const isCommand = target.matches(".composer *") && ENDED.test(value.slice(selectionEnd))
    const found = selectionStart === selectionEnd && ((isCommand && COMMAND.exec(before)) || TYPED.exec(before))
    if (!found || found[2].length < SHORTEST[found[1]]) return close()
    const [, sign, typed] = found
    if (!list.hidden && target === field) typedOn(`${sign}${typed}`.toLowerCase())
    const turn = asked += 1
    const answer = await SOURCES[sign](typed.toLowerCase(), target.closest("[data-pane]").dataset).catch(() => [])
    if (turn !== asked || document.activeElement !== target) return
    if (!answer.length) return close()
    field = target
    start = selectionEnd - typed.length - 1
    options = answer
    open(`${sign}${typed}`.toLowerCase())
  }

  const move = (by) => {
    const all = [...list.querySelectorAll("[role=option]")]
    const at = all.indexOf(selected())
    select(all.at(at < 0 && by < 0 ? -1 : (at + by) % all.length))
  }
  const KEYS = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => take(selected()),
    Tab: () => take(selected() ?? list.querySelector("[role=option]")),
    Escape: close,
  }
  // Before whoever sends, edits or cancels by the same keys.
  document.addEventListener("keydown", (event) => {
    const { target, key, isComposing, keyCode, shiftKey, ctrlKey, altKey, metaKey } = event
    if (list.hidden || target !== field || isComposing || keyCode === 229) return
    if (shiftKey || ctrlKey || altKey || metaKey || !Object.hasOwn(KEYS, key) || (key === "Enter" && !selected())) return
    event.preventDefault()
    event.stopPropagation()
    KEYS[key]()
  }, true)
  document.addEventListener("input", ({ target }) => { if (target.matches(FIELDS)) look(target) })
  document.addEventListener("focusout", ({ target }) => { if (target === field) close() })
  // A press must not take the focus.
  list.addEventListener("pointerdown", (event) => event.preventDefault())
  list.addEventListener("mousedown", (event) => event.preventDefault())
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]")
    if (option && field) take(option)
  })
})()
