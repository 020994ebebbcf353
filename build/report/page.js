"use strict";
for (const button of document.querySelectorAll("#packages th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const row = head.parentElement;
    const column = [...row.children].indexOf(head);
    const numeric = head.classList.contains("number");
    const current = head.getAttribute("aria-sort");
    const order = current === "none" ? (numeric ? "descending" : "ascending") : current === "ascending" ? "descending" : "ascending";
    for (const other of row.querySelectorAll("[aria-sort]")) other.setAttribute("aria-sort", other === head ? order : "none");
    const sign = order === "ascending" ? 1 : -1;
    const value = (line) => line.children[column].dataset.value ?? line.children[column].textContent;
    const body = head.closest("table").tBodies[0];
    const lines = [...body.rows].sort((one, other) =>
      sign * (numeric ? value(one) - value(other) : value(one).localeCompare(value(other), "en", { numeric: true })));
    body.append(...lines);
  });
}
