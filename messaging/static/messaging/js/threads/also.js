// The box that sends an answer to the thread's chat, too: it holds for one answer.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("also", ({ find, fields }) => {
  const box = find(".composer [name=also]")
  if (!box) return
  fields.set("also", {
    isFilled: () => false,
    take: () => {
      const value = box.checked ? box.value : null
      box.checked = false
      return value
    },
    put: (parameters, value) => value ? parameters.set("also", value) : parameters.delete("also"),
    giveBack: () => { box.checked = true },
  })
})
