"""The forecast (趋势预测): hours, days and years ahead, with its uncertainty, held against what came."""
