// Bars of the overview. The numbers stand beside each chart as a table with links; the drawing repeats them.
"use strict";

const LYING = 12; // bars with a name each, most first; the table has them all

function draw(place) {
  const told = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const lying = "lying" in place.dataset;
  const bars = lying ? told.slice(0, LYING) : told;
  const chart = echarts.init(place, null, { renderer: "svg" });
  const many = !lying && bars.length > 8;
  const style = getComputedStyle(document.body);
  const text = { color: "#3a4653", fontFamily: style.fontFamily };
  const category = { type: "category", data: bars.map((bar) => bar.label), axisTick: { show: false }, axisLabel: { ...text, width: 130, overflow: "truncate", hideOverlap: true } };
  const value = { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: "#e3e8ee" } } };
  chart.setOption({
    animation: false,
    textStyle: text,
    grid: { left: 8, right: 40, top: 8, bottom: 8, containLabel: true },
    tooltip: { trigger: "item", confine: true, formatter: (one) => `${echarts.format.encodeHTML(one.name)}：${one.value.toLocaleString()}` },
    xAxis: many ? category : value,
    yAxis: many ? value : { ...category, inverse: true },
    series: [{ type: "bar", data: bars.map((bar) => bar.count), itemStyle: { color: "#1f5f99", borderRadius: 2 }, barMaxWidth: 28, cursor: "pointer", label: { show: !many, position: "right", ...text } }],
  });
  chart.on("click", (one) => { window.location.href = `${place.dataset.list}?${bars[one.dataIndex].choice}`; });
  new ResizeObserver(() => chart.resize()).observe(place);
}

document.addEventListener("htmx:afterSettle", (event) => {
  event.target.querySelectorAll("[data-chart]").forEach((place) => { if (!place.firstChild) draw(place); });
});
