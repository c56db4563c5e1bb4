// Uploading: a file that was chosen, dropped or pasted is sent at once, and stands above the composer until its message is.
//
// One after the other, so that the first is there as soon as can be. What failed is tried again by its button; a message
// that is sent meanwhile waits for its files.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("uploading", ({ composer, fields }) => {
  if (!composer) return null
  const list = composer.querySelector("[data-files]")
  const empty = composer.querySelector("[data-uploading]").content.firstElementChild
  const [waits, tooMany] = [composer.querySelector("[data-waits]"), composer.querySelector("[data-too-many]")]
  const store = sessionStorage
  const kept = `files:${composer.dataset.draft}`
  const sending = new Map() // line → its file
  const claims = new Map() // key of a file → the message that it was taken for last: what came back goes with the first
  let xhr = null
  let isSubmitted = false

  const WORDS = {
    0: "It could not be sent: the site does not answer.",
    403: "It could not be sent: you have signed in or out elsewhere since. Reload the page.",
    404: "It could not be sent: you may no longer write here.",
    413: "It is larger than the site takes.",
  }
  const FINAL = [403, 404, 413, 422]

  const lines = () => [...list.querySelectorAll(":scope > [data-key]")]
  const remember = () => store.setItem(kept, lines().map((line) => line.outerHTML).join(""))
  // A form of the page alone: what it has is put into each message by hand.
  const adopt = (line) => {
    for (const field of line.querySelectorAll("[name]")) field.removeAttribute("name")
    line.querySelector("[type=checkbox]")?.remove()
  }
  const restore = (html) => {
    list.insertAdjacentHTML("beforeend", html)
    const keys = new Set()
    for (const line of lines()) {
      if (keys.has(line.dataset.key)) line.remove()
      keys.add(line.dataset.key)
      adopt(line)
    }
    show()
  }
  const show = () => {
    remember()
    composer.classList.toggle("has-files", list.childElementCount > 0)
    waits.hidden = !isSubmitted
  }

  const say = (line, reason, isFinal) => {
    line.classList.add("is-failed")
    line.querySelector("progress").hidden = true
    line.querySelector(".kept-reason").textContent = reason
    line.querySelector(".kept-reason").hidden = false
    line.querySelector("[data-retry]").hidden = isFinal
    isSubmitted = false
  }
  const answered = (line, { status, responseText, ...answer }) => {
    sending.delete(line)
    if (status === 200 && !answer.leads) {
      line.insertAdjacentHTML("afterend", responseText)
      adopt(line.nextElementSibling)
      line.remove()
    } else {
      const code = answer.leads ? 403 : status
      say(line, [422, 429].includes(code) ? responseText : WORDS[code] ?? "It could not be sent: the site had a problem.", FINAL.includes(code))
    }
    next()
  }
  const next = () => {
    xhr = null
    show()
    const [line] = sending.keys()
    if (line) return send(line)
    if (!isSubmitted) return
    isSubmitted = false
    show()
    composer.requestSubmit()
  }
  const send = (line) => {
    const data = new FormData()
    data.append("csrfmiddlewaretoken", composer.elements.csrfmiddlewaretoken.value)
    data.append("file", sending.get(line))
    const request = xhr = new XMLHttpRequest()
    xhr.line = line
    xhr.open("POST", list.dataset.files)
    xhr.setRequestHeader("HX-Request", "true") // who must sign in first is told so, and not led there
    const bar = line.querySelector("progress")
    xhr.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = loaded / total })
    xhr.addEventListener("loadend", () => {
      if (request !== xhr) return // cancelled
      const { status, responseText } = request
      answered(line, { status, responseText, leads: request.getResponseHeader("HX-Redirect") })
    })
    xhr.send(data)
  }
  const enqueue = (line) => {
    const isIdle = !sending.size
    line.classList.remove("is-failed")
    line.querySelector("progress").hidden = false
    line.querySelector("progress").value = 0
    line.querySelector(".kept-reason").hidden = line.querySelector("[data-retry]").hidden = true
    sending.set(line, line.file)
    if (isIdle) send(line)
    show()
  }
  const add = (files) => {
    const room = list.dataset.most - list.childElementCount
    tooMany.hidden = files.length <= room
    for (const file of [...files].slice(0, Math.max(room, 0))) {
      const line = empty.cloneNode(true)
      line.querySelector("[data-name]").textContent = file.name
      line.file = file
      list.append(line)
      enqueue(line)
    }
  }
  const remove = (line) => {
    const isUnderWay = xhr?.line === line
    if (line.dataset.address) {
      const headers = { "X-CSRFToken": composer.elements.csrfmiddlewaretoken.value, "HX-Request": "true" }
      fetch(line.dataset.address, { method: "DELETE", headers }).catch(() => {}) // it goes by itself after a day
    }
    sending.delete(line)
    line.remove()
    tooMany.hidden = true
    if (isUnderWay) {
      const request = xhr
      xhr = null
      request.abort()
      next()
    }
    show()
    composer.elements.body.focus()
  }

  composer.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-choose]")) return
    add(target.files)
    target.value = "" // the same file may be chosen again, and the form does not send it itself
  })
  list.addEventListener("input", ({ target }) => {
    target.setAttribute("value", target.value) // for what is remembered
    remember()
  })
  // In a line for a description, Enter is no message.
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return
    event.preventDefault()
    if (!event.isComposing) composer.elements.body.focus()
  })
  list.addEventListener("click", ({ target }) => {
    const line = target.closest("li")
    if (target.closest("[data-remove]")) remove(line)
    if (target.closest("[data-retry]")) enqueue(line)
  })
  // Before the composer takes the message.
  composer.addEventListener("submit", (event) => {
    if (!sending.size) return
    event.preventDefault()
    event.stopImmediatePropagation()
    isSubmitted = true
    show()
  }, true)

  const take = () => {
    const taken = lines()
    if (!taken.length) return null
    const value = {
      html: taken.map((line) => line.outerHTML).join(""),
      names: taken.map((line) => line.querySelector("bdi").textContent),
      files: taken.map((line) => ({ key: line.dataset.key, description: line.querySelector(".kept-description").value })),
    }
    for (const line of taken) {
      claims.set(line.dataset.key, value)
      line.remove()
    }
    show()
    return value
  }
  const put = (parameters, value) => {
    for (const name of ["files", "new_files"]) parameters.delete(name)
    for (const { key, description } of value?.files ?? []) {
      if ((claims.get(key) ?? value) !== value) continue
      parameters.append("files", key)
      parameters.append(`description.${key}`, description)
    }
  }
  const giveBack = (value) => restore(value.html)

  restore(store.getItem(kept) ?? "")
  const says = ({ names }) => names
  fields.set("files", { isFilled: () => lines().length > 0, take, put, giveBack, says })

  return { add }
})
