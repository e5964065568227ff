# Lays out rows of five fields as a table of the given width; long cells take several lines.
BEGIN {
  columns = 5
  split("by hand on CentOS 7|run here|expected|seen|", title, "|")
  mark_width = 6
  # Twelve characters are separators.
  free = width - mark_width - 12
  size[1] = int(free * 0.23); size[3] = int(free * 0.19); size[4] = int(free * 0.22); size[5] = mark_width
  size[2] = free - size[1] - size[3] - size[4]
  for (c = 1; c <= columns; c++) { line = line (c > 1 ? "-+-" : "") dashes(size[c]) }
  for (c = 1; c <= columns; c++) cell[c] = title[c]
  print_cells(bold)
  print line
}

{
  for (c = 1; c <= columns; c++) cell[c] = $c
  print_cells("")
  print line
}

function dashes(n,   s) { while (n-- > 0) s = s "-"; return s }

# wrap: fills lines[column, 1..] and gives their number. A word longer than the column is cut.
function wrap(column, text,   count, words, n, i, word, current, limit) {
  limit = size[column]
  n = split(text, words, " ")
  count = 0; current = ""
  for (i = 1; i <= n; i++) {
    word = words[i]
    if (current != "" && length(current) + 1 + length(word) <= limit) { current = current " " word; continue }
    if (current != "") lines[column, ++count] = current
    while (length(word) > limit) { lines[column, ++count] = substr(word, 1, limit); word = substr(word, limit + 1) }
    current = word
  }
  if (current != "" || count == 0) lines[column, ++count] = current
  return count
}

function print_cells(colour,   c, l, height, count, text, paint) {
  height = 1
  for (c = 1; c <= columns; c++) { count[c] = wrap(c, cell[c]); if (count[c] > height) height = count[c] }
  for (l = 1; l <= height; l++) {
    for (c = 1; c <= columns; c++) {
      text = l <= count[c] ? lines[c, l] : ""
      if (c < columns) text = sprintf("%-" size[c] "s", text)
      paint = colour
      if (c == columns && cell[c] == "ok") paint = green
      if (c == columns && cell[c] == "FAILED") paint = red
      printf "%s%s%s%s", (c > 1 ? " | " : ""), paint, text, (paint != "" ? off : "")
    }
    printf "\n"
  }
}
