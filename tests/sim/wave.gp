# SPDX-License-Identifier: GPL-2.0
# gnuplot -e "csv='FILE'; svg='FILE'" tests/sim/wave.gp
set terminal svg size 900,520 font "sans,13" background "white"
set output svg
set datafile separator ","
set title "10,000 spokes come back to a hub that lost its memory"
set xlabel "seconds since the hub booted"
set ylabel "requests in 0.1 s; frames in the queue"
set y2label "spokes that are back"
set ytics nomirror
set y2tics
set yrange [0:*]
set y2range [0:*]
set key center right
set grid
plot csv using 1:2 every ::1 with lines lw 2 title "requests", \
     csv using 1:4 every ::1 with lines lw 1 title "queue", \
     csv using 1:3 every ::1 axes x1y2 with lines lw 2 title "spokes back (right axis)"
