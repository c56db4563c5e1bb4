// What is kept to be sent later is no draft any more: the tab forgets it, as the site does.
for (const form of document.querySelectorAll("form[data-ends-draft]")) {
  form.addEventListener("submit", () => {
    for (const kept of ["draft", "unsaved", "saved"]) sessionStorage.removeItem(`${kept}:${form.dataset.endsDraft}`)
  })
}
