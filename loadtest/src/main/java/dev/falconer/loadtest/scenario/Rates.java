package dev.falconer.loadtest.scenario;

/**
 * The search for the highest rate: geometric steps up, then bisection.
 *
 * @param start first rate, requests per second; 0: a quarter of what one client reaches alone
 * @param factor each step's rate over that of the one before, above 1
 * @param steps most steps of the climb
 * @param refinements bisections between the last rate that met the objective and the first that
 *     missed it
 */
public record Rates(double start, double factor, int steps, int refinements) {}
