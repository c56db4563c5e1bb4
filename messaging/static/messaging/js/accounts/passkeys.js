// Says on the page that a passkey was refused or not found; allauth's scripts, which ask for it, tell only the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-failed").hidden = false;
});
