// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Begins and ends a text of metrics. Main thread.

#include "metrics/metrics.h"

MetricsText *metrics_text_new(bool openmetrics);
/* Frees `text`. */
GBytes *metrics_text_end(MetricsText *text);
