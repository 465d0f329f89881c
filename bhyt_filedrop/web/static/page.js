// What markup alone cannot do: print what is shown.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-print]");
  if (button) window.print();
});
