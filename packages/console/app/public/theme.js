// Before anything is drawn: the visitor's choice, if there is one. Without it the system's preference holds.
try {
  const theme = localStorage.getItem("demec:theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is off: the system's preference holds.
}
