// Bars of the money received by week. The figures are also in a table below, for those who do not see the chart.
const element = document.querySelector("#cash-chart");
const data = JSON.parse(document.querySelector("#cash-data").textContent);

// custom properties hold light-dark(): a probe gives the colour in force
const probe = document.createElement("i");
document.body.append(probe);
const colour = (name) => {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
};
const short = new Intl.NumberFormat(data.language, { notation: "compact", maximumFractionDigits: 1, style: "currency", currency: data.currency });

const chart = window.echarts.init(element, null, { renderer: "svg" });
const draw = (isStill = matchMedia("(prefers-reduced-motion: reduce)").matches) => {
  const soft = colour("--soft");
  chart.setOption({
    animation: !isStill,
    textStyle: { fontFamily: "Inter Variable, system-ui, sans-serif", fontSize: 12 },
    grid: { left: 4, right: 14, top: 16, bottom: 8, containLabel: true },
    tooltip: {
      trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow", shadowStyle: { color: colour("--quiet-wash"), opacity: 0.6 } },
      backgroundColor: colour("--surface"), borderColor: colour("--line"), textStyle: { color: colour("--ink") },
      formatter: ([bar]) => `${element.dataset.week} ${data.labels[bar.dataIndex]}\n${data.texts[bar.dataIndex]}`,
    },
    xAxis: { type: "category", data: data.axis, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: soft, hideOverlap: true } },
    yAxis: { type: "value", splitNumber: 4, splitLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: soft, formatter: (value) => short.format(value) } },
    series: [{ type: "bar", data: data.values, barMaxWidth: 22, itemStyle: { color: colour("--age-0"), borderRadius: [3, 3, 0, 0] } }],
  });
};
draw();
addEventListener("resize", () => chart.resize());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
// on paper: in light colours, as wide as the page, and back
const paper = (isPrinting) => {
  document.documentElement.toggleAttribute("data-printing", isPrinting);
  draw(true);
  chart.resize({ width: isPrinting ? 620 : "auto" });
};
addEventListener("beforeprint", () => paper(true));
addEventListener("afterprint", () => paper(false));
