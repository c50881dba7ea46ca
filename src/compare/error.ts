/** All comparisons of two assessments together say "changed" of a system that did not change in at most this share of cases. */
export const COMPARISON_ERROR = 0.05;
