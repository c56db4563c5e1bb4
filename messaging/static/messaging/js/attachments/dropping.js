// Dropping: files that are dragged onto a chat or pasted into its composer are sent with the next message.
window.bellwire ??= {}
bellwire.parts ??= new Map();
(() => {
  const hasFiles = ({ dataTransfer }) => dataTransfer.types.includes("Files")
  const takerAt = (event) => bellwire.panes.of(event.target)?.dropping

  bellwire.parts.set("dropping", (pane) => {
    const { element, composer } = pane
    if (!composer) return undefined
    let depth = 0 // elements of the pane that are entered and not left
    const show = (change) => {
      depth = Math.max(0, depth + change)
      element.classList.toggle("is-dropping", depth > 0)
    }
    element.addEventListener("dragenter", (event) => { if (hasFiles(event)) show(1) })
    element.addEventListener("dragleave", (event) => { if (hasFiles(event)) show(-1) })
    composer.addEventListener("paste", (event) => {
      const { files } = event.clipboardData
      // Office programs add a picture of the text that they copy.
      if (!files.length || event.clipboardData.getData("text/plain")) return
      event.preventDefault()
      pane.uploading.add(files)
    })
    const take = (files) => {
      show(-depth)
      pane.uploading.add(files)
    }
    return { take }
  })
  // Beside the pane the browser would leave the page for the file.
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = takerAt(event) ? "copy" : "none"
  })
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    takerAt(event)?.take(event.dataTransfer.files)
  })
})()
