// Playing: one film or sound at a time; it plays on when its message is shown afresh.
(() => {
  const PLAYED = "video, audio"

  document.addEventListener("play", ({ target }) => {
    for (const other of document.querySelectorAll(PLAYED)) if (other !== target) other.pause()
  }, true)

  document.addEventListener("bellwire:replace", ({ target, detail: { fresh } }) => {
    for (const old of target.querySelectorAll(PLAYED)) {
      if (old.paused && !old.currentTime) continue
      const { currentTime, paused, volume, muted } = old
      // Found when it stands there: what comes may be a copy.
      queueMicrotask(() => {
        const again = [...document.getElementById(fresh.id)?.querySelectorAll(PLAYED) ?? []].find(({ src }) => src === old.src)
        if (!again || again === old) return
        Object.assign(again, { currentTime, volume, muted })
        if (!paused) again.play().catch(() => {}) // a browser may want to be asked by a person
      })
    }
  })
})()
