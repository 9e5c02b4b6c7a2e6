import './styles/base.css';
import './styles/layout.css';
import './styles/components.css';
import './styles/map.css';
import { render } from 'preact';
import { App } from './app';
import { startLive } from './live';
import { startRouter } from './state/router';

startRouter();
startLive();
render(<App />, document.getElementById('app') as HTMLElement);
