# Area and DeLong variance of one file of scores, by pROC. Called by more.py.
suppressPackageStartupMessages(library(pROC))
data <- read.csv(commandArgs(TRUE)[1], colClasses = c("numeric", "integer"))
curve <- roc(data$member, data$score, levels = c(0, 1), direction = "<", quiet = TRUE, algorithm = 2)
variance <- if (sum(data$member) > 1 && sum(1 - data$member) > 1) var(curve, method = "delong") else NA
cat(sprintf("%.17g %s\n", as.numeric(auc(curve)), if (is.na(variance)) "NA" else sprintf("%.17g", variance)))
