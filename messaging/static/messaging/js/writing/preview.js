// The preview: what is in the box as it will look, above it, for as long as it is asked for.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("preview", ({ composer }) => {
  const field = composer?.elements.body
  const button = composer?.querySelector("[data-preview]")
  const panel = composer?.querySelector(".composer-preview")
  if (!button) return
  const PAUSE = 300 // milliseconds that nothing is typed for
  let timer

  const show = (isShown) => {
    clearTimeout(timer)
    panel.hidden = !isShown
    button.setAttribute("aria-pressed", isShown)
    if (isShown) htmx.trigger(button, "bellwire:preview")
  }

  button.addEventListener("click", (event) => {
    event.preventDefault()
    event.stopPropagation() // htmx would send the next message to where the button that was pressed last leads
    show(panel.hidden && field.value.trim() !== "")
    field.focus()
  })
  field.addEventListener("input", () => {
    if (panel.hidden) return
    clearTimeout(timer)
    timer = setTimeout(() => show(field.value.trim() !== ""), field.value ? PAUSE : 0)
  })
})
