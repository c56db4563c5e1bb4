// The banner: that there is no connection, and why.
window.bellwire ??= {}
bellwire.banner = (() => {
  let final = null // a reason that no quick reconnection will mend

  const say = (why) => {
    const banner = document.getElementById("connection")
    if (!banner) return
    banner.hidden = !why
    for (const text of banner.querySelectorAll("[data-when]")) text.hidden = text.dataset.when !== why
  }
  const show = (why) => say(final ?? why)
  const insist = (why) => say(final = why)
  const takeBack = (why) => { if (final === why) final = null }

  return { show, insist, takeBack }
})()
