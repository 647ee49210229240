"""Detectors: each one module, listed here, in the order in which their events are written."""

from pipeline.detect import ais_gap, coast_crossing, distress, feed_outage

DETECTORS = (feed_outage.DETECTOR, ais_gap.DETECTOR, coast_crossing.DETECTOR, distress.DETECTOR)
