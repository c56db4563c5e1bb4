// The viewer: a picture of a chat over the whole window; the arrows, Home and End lead to the others, Esc back.
(() => {
  const viewer = document.getElementById("viewer")
  const [image, words] = [viewer.querySelector("img"), viewer.querySelector("figcaption")]
  const PICTURES = "[data-messages] [data-view]"
  let list = null // of the messages that it is among
  const pictures = () => [...list.querySelectorAll("[data-view]")]
  let shown = null // the address of the one that is shown: its message may come afresh

  const place = () => pictures().findIndex((picture) => picture.dataset.view === shown)
  const show = (picture) => {
    const small = picture.querySelector("img")
    shown = picture.dataset.view
    const all = pictures()
    // The small one at once, in the size of the large one.
    image.src = small.src
    image.width = small.width * 10
    image.height = small.height * 10
    image.alt = words.textContent = small.alt
    const whole = new Image()
    whole.addEventListener("load", () => {
      if (shown !== picture.dataset.view) return
      image.src = whole.src
      image.width = whole.naturalWidth
      image.height = whole.naturalHeight
    })
    whole.src = shown
    viewer.querySelector("[data-page]").href = picture.href
    viewer.querySelector("[data-save]").href = `${picture.href}content/?download`
    viewer.querySelector("[data-count]").textContent = `${all.indexOf(picture) + 1} of ${all.length}`
    for (const button of viewer.querySelectorAll("[data-step]")) button.hidden = all.length < 2
  }
  const go = (to) => {
    const all = pictures()
    if (all.length) show(all[(to + all.length) % all.length])
  }
  const KEYS = { ArrowLeft: () => place() - 1, ArrowRight: () => place() + 1, Home: () => 0, End: () => -1 }

  document.addEventListener("click", (event) => {
    const picture = event.target.closest(PICTURES)
    if (!picture || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    list = picture.closest("[data-messages]")
    show(picture)
    viewer.showModal()
  })
  viewer.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    go(KEYS[event.key]())
  })
  viewer.addEventListener("click", ({ target }) => {
    const step = target.closest("[data-step]")
    if (step) go(place() + Number(step.dataset.step))
    else if (target.closest("[data-close]") || !target.closest("img, figcaption, .viewer-tools")) viewer.close()
  })
  viewer.addEventListener("close", () => {
    pictures()[place()]?.focus()
    image.removeAttribute("src")
    shown = null
  })
})()
