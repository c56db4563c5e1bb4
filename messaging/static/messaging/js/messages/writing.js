// Writing: Enter sends what is in the box, a message or a new text for one; Shift+Enter, or Enter on a phone, begins a line.
(() => {
  const isPhone = matchMedia("(pointer: coarse)")

  document.addEventListener("keydown", (event) => {
    const { target, key, keyCode, shiftKey, altKey } = event
    if (key !== "Enter" || !target.matches(".composer textarea, .edit textarea")) return
    // In Safari only the code tells that Enter has ended a composition.
    if (event.isComposing || keyCode === 229 || shiftKey || altKey) return
    if (isPhone.matches && !event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    if (target.value || target.closest(".edit, .has-files")) target.form.requestSubmit()
  })
})()
