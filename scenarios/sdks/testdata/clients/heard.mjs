// Prints in one line of JSON what a caller heard of a call.
export async function heard(version, call, tells) {
  const say = (what) => process.stdout.write(JSON.stringify({ version, ...what }) + '\n', () => process.exit(0));
  process.on('beforeExit', () => say({ heard: 'nothing: the call never settles' }));
  try {
    const answer = await call();
    say(answer?.heard ? answer : { heard: answer?.id ? 'a payment' : 'success without a payment' });
  } catch (error) {
    say(tells(error));
  }
}
