// Safe repairs on the page: taken over one by one or all at once, undone, and saved as a text file.
for (const section of document.querySelectorAll("section")) {
  const data = section.querySelector("script");
  if (!data) continue;
  const { name, stays, repairs } = JSON.parse(data.textContent);
  const tools = section.querySelector(".tools"), status = section.querySelector("[role=status]");
  const buttons = [...section.querySelectorAll("[data-repairs]")], made = new Set();
  const placesOf = (button) => button.dataset.repairs.split(" ").map(Number);
  const all = [...repairs.keys()], was = all.map(() => []), now = all.map(() => []);
  for (const element of section.querySelectorAll("[data-was]")) was[element.dataset.was].push(element);
  for (const element of section.querySelectorAll("[data-now]")) now[element.dataset.now].push(element);

  function make(places, wanted) {
    for (const place of places) {
      wanted ? made.add(place) : made.delete(place);
      for (const element of was[place]) element.hidden = wanted;
      for (const element of now[place]) element.hidden = !wanted;
    }
    for (const button of buttons) {
      button.textContent = placesOf(button).every((place) => made.has(place)) ? "撤销" : "改";
      button.setAttribute("aria-label", `${button.textContent}第 ${button.dataset.note} 条`);
    }
    status.textContent = `已改 ${made.size} 处，共有 ${repairs.length} 处稳妥修改。`;
  }

  function save() {
    const parts = [stays[0]];
    repairs.forEach(([old, fresh], place) => parts.push(made.has(place) ? fresh : old, stays[place + 1]));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(parts, { type: "text/plain;charset=utf-8" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  for (const button of buttons) {
    button.hidden = false;
    button.onclick = () => make(placesOf(button), button.textContent === "改");
  }
  tools.hidden = false;
  tools.querySelector("[data-all]").onclick = () => make(all, true);
  tools.querySelector("[data-none]").onclick = () => make(all, false);
  tools.querySelector("[data-save]").onclick = save;
  make([], true);
}
