// A text field is as high as what is in it, also where CSS cannot do that (field-sizing; Safari before 26.2).
(() => {
  if (CSS.supports("field-sizing", "content")) return
  const grow = ({ target }) => {
    if (target.localName !== "textarea") return
    target.style.blockSize = "auto"
    target.style.blockSize = `${target.scrollHeight + target.offsetHeight - target.clientHeight}px`
  }
  for (const event of ["input", "focusin"]) document.addEventListener(event, grow)
  for (const target of document.querySelectorAll("textarea")) grow({ target })
})()
