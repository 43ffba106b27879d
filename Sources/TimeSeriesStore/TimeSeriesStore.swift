// TimeSeriesStore
