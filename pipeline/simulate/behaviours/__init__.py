"""
Labelled behaviours: what a craft does, or what is reported, and what a detector that knows the definitions must say of it.

One module a family, one function a behaviour, each made from paths, speeds and times, so that the sample day, the scenario folders and the simulator
tell the same stories in different places. Positive ones name the events expected; negative ones must raise no alert.

    crossings   from coast to coast, zones, lines, convoys, repeated crossings, craft without AIS by night     definitions.md 2 3 4 7 12 13
    silences    AIS gaps, feed outages, poor reception, a leap of a clock, a ship at the quay overnight      0 1 10
    meetings    encounters; pilots, tows, fly-bys, neighbours at the quay                                   5
    loitering   on the high sea, off a coast, over a cable; fishing, lying at anchor                        6 12
    distress    beacons, an engine that fails, craft adrift, a boat seen again; rescue                      7
    detections  a ship without AIS                                                                          8
    speed       high speed, sudden acceleration; a fast ferry, a regatta                                    9
    identity    a shared MMSI, a jump, positions on land, interference, a new name, numbers of nobody       10
    ports       calls                                                                                       11
    patterns    launches, pick-ups, approaches to merchant ships, ways that nobody takes                    12
    reports     incidents near a track, and too many of them                                                13 14
    ordinary    ferries, merchant ships, patrols, fishermen, yachts                                         none
"""
