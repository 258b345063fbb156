const graph = document.getElementById("graph");
const canvas = document.getElementById("canvas");
const natural = graph.width.baseVal.value, tall = graph.height.baseVal.value;
let scale = 1;
function zoom(to) {
  scale = Math.min(3, Math.max(0.15, to));
  graph.setAttribute("width", natural * scale);
  graph.setAttribute("height", tall * scale);
}
const fitting = () => (canvas.clientWidth - 20) / natural;
document.getElementById("smaller").onclick = () => zoom(scale / 1.25);
document.getElementById("larger").onclick = () => zoom(scale * 1.25);
document.getElementById("fit").onclick = () => zoom(fitting());
if (fitting() < 1) zoom(Math.max(0.75, fitting()));

graph.addEventListener("click", event => {
  const box = event.target.closest(".box");
  graph.querySelectorAll(".near").forEach(each => each.classList.remove("near"));
  graph.classList.toggle("picked", box !== null);
  if (!box) return;
  const id = box.dataset.id, near = new Set([id]);
  graph.querySelectorAll(".arrow").forEach(arrow => {
    if (arrow.dataset.from === id || arrow.dataset.to === id) {
      arrow.classList.add("near");
      near.add(arrow.dataset.from).add(arrow.dataset.to);
    }
  });
  graph.querySelectorAll(".box").forEach(each => each.classList.toggle("near", near.has(each.dataset.id)));
});
